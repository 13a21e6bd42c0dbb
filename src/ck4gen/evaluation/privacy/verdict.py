"""What the privacy metrics say to a data custodian: four answers, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.verdict_settings import VerdictSettings
from ck4gen.evaluation.privacy.attribute_inference import ALONE
from ck4gen.evaluation.privacy.copies import NO_HOLDOUT
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS
from ck4gen.evaluation.privacy.leak import NAMES
from ck4gen.evaluation.privacy.linkage import NO_SOURCE
from ck4gen.evaluation.statuses import FAIL, NOT_TESTED, PASS, STATUSES, TOO_FEW
from ck4gen.guard.release import COLUMNS, HAZARD_RATIOS, Release

NOT_APPLICABLE = "not applicable"
MEANING = {
    "copies": "holds the covariates of patients it was made from unchanged, more than chance",
    "outcome_link": "tells whoever knows a patient's time and event the rest of them",
    "attribute": "tells whoever knows all of a patient but one covariate that covariate",
    "membership": "tells whoever knows a patient whether it was made from them",
    "self_link": "leads back, row by row, to the patient that a row was made from",
}
KINDS = HAZARD_RATIOS, COLUMNS
WORST_CASE = {
    f"privacy/worst_case/{kind}/{summary}": summary for kind in KINDS for summary in ("mean", "max")
}
TIMES_THE_NOISE = {kind: f"privacy/times_the_noise/{kind}" for kind in KINDS}
GROUPED = {  # attack: its metrics on high-risk patients
    "outcome_link": "outcome_link_advantage",
    "attribute": "attribute_advantage",
    "membership": "membership_auc",
    "self_link": "self_link",
}
NO_GUARANTEE = (
    "None of this is a formal (differential privacy) guarantee: it says how these attacks fared, "
    "not that no attack can do better."
)
FORMAL = (
    "The table has a formal guarantee: whatever is done with it, the odds that a patient was in "
    "change by at most e^{epsilon:g} (differential privacy for one patient added or removed, delta "
    "{delta:g}), and no attack on it has an area under the curve above {area:.3f}. The guarantee "
    "covers the table and its codebook; this audit and all other numbers about the real patients "
    "are outside of it and stay with the custodian."
)

HINTED = "though so many patients usually do: there may be a small one"


@dataclass(frozen=True)
class Finding:
    """The verdict on one attack.

    Attributes:
        status: ``pass``: a leak of the size of the limit is ruled out. ``fail``: a leak is shown,
            and one of that size is not ruled out; copies fail at any size. ``too few patients``:
            neither. ``not tested``: nothing was measured.
        null: What the metric is without a leak.
        limit: The leak that counts.
        leak: Whether a leak is shown.
        note: What qualifies the status, None where nothing does.
        patients: With so many, a table that tells nothing would pass; None unless there are too
            few.
    """

    status: str
    null: float | None
    limit: float | None
    leak: bool
    note: str | None
    patients: int | None = None


def verdict(
    metrics: Mapping[str, Metric],
    settings: VerdictSettings,
    contains_real: bool,
    times_copied: bool,
    stands_in: str = "",
    patients: int = 0,
    release: Release | None = None,
) -> dict:
    """Judge the privacy metrics of one table.

    Args:
        metrics: All metrics by name.
        settings: Level and limits.
        contains_real: Whether rows of the table are those of real patients; such a table fails.
        times_copied: Whether its outcomes are those of real patients.
        stands_in: What the tested table stands in for, as a sentence.
        patients: Patients used and held out together; a number that is named is above it.
        release: How the table was guarded. Where the noise of its statistics is known, the worst
            case is judged; a formal guarantee is told.

    Returns:
        ``overall`` (one of ``STATUSES``), ``reason`` (why something was not tested),
        ``patients`` (with so many, no attack would have too few, where that is all that is
        wanting), ``summary`` (one paragraph) and ``findings`` by metric.
    """
    findings = {
        NAMES[attack][0]: _judge(attack, metrics, getattr(settings, attack), patients)
        for attack in MEANING
    }
    if release is not None and release.noise:
        findings |= _worst_case(metrics, settings)
    statuses = [f.status for f in findings.values() if f.status != NOT_APPLICABLE]
    overall = FAIL if contains_real else max(statuses, key=STATUSES.index)
    named = [f.patients for f in findings.values() if f.patients is not None]
    summary = _summary(metrics, findings, contains_real, times_copied)
    guarantee = NO_GUARANTEE
    if release is not None and release.epsilon is not None:
        area = release.largest_area
        guarantee = FORMAL.format(epsilon=release.epsilon, delta=release.delta, area=area)
    return {
        "overall": overall,
        "reason": _reason(findings),
        "patients": max(named, default=None) if overall == TOO_FEW else None,
        "summary": " ".join(part for part in (summary, guarantee, stands_in) if part),
        "findings": {name: asdict(finding) for name, finding in findings.items()},
    }


def _judge(attack: str, metrics: Mapping[str, Metric], limit: float, tested: int) -> Finding:
    """One attack: its bounds against nothing and against the limit."""
    leak, needed = (metrics[name] for name in NAMES[attack])
    if leak.value is None or leak.low is None or leak.high is None:
        not_applicable = leak.reason is not None and leak.reason.endswith((NO_SOURCE, ALONE))
        return Finding(
            NOT_APPLICABLE if not_applicable else NOT_TESTED, None, None, False, leak.reason
        )
    shown, ruled_out = leak.low > 0, leak.high < limit
    if leak.reason == NO_HOLDOUT:
        if shown:
            note = "beside patients who resemble each other, as nobody was held out"
            return Finding(FAIL, 0.0, limit, True, note)
        return Finding(NOT_TESTED, 0.0, limit, False, f"none shown; {NO_HOLDOUT}")
    if shown and (attack == "copies" or not ruled_out):
        return Finding(FAIL, 0.0, limit, True, None)
    if ruled_out:
        small = "a leak is shown, smaller than counts" if shown else None
        return Finding(PASS, 0.0, limit, shown, small)
    note = "no leak is shown, and one that counts is not ruled out"
    if needed.value is None:
        return Finding(TOO_FEW, 0.0, limit, False, note)
    if needed.value <= tested:
        return Finding(TOO_FEW, 0.0, limit, False, f"{note}, {HINTED}")
    return Finding(TOO_FEW, 0.0, limit, False, note, int(needed.value))


def _worst_case(metrics: Mapping[str, Metric], settings: VerdictSettings) -> dict[str, Finding]:
    """The worst case against our limits; areas follow from the known noise, without error."""
    findings = {}
    for name, summary in WORST_CASE.items():
        limit, area = getattr(settings, f"worst_case_{summary}"), metrics[name]
        if area.value is None:
            findings[name] = Finding(NOT_TESTED, None, None, False, area.reason)
            continue
        status = FAIL if area.value > limit else PASS
        findings[name] = Finding(status, 0.5, limit, status == FAIL, None)
    return findings


def _reason(findings: Mapping[str, Finding]) -> str | None:
    """Why attacks were not tested; None where all were."""
    reasons = dict.fromkeys(f.note for f in findings.values() if f.status == NOT_TESTED and f.note)
    if not reasons:
        return None
    if any(reason.endswith(NO_HOLDOUT) for reason in reasons):
        return (
            f"{NO_HOLDOUT}: what an attacker learns can't be told from what holds of all patients"
        )
    return "; ".join(reasons)


def _summary(
    metrics: Mapping[str, Metric],
    findings: Mapping[str, Finding],
    contains_real: bool,
    times_copied: bool,
) -> str:
    """One paragraph: what an attacker could learn."""
    sentences = []
    if contains_real:
        sentences.append("Rows of this table are those of real patients.")
    openings = {
        (FAIL, True): "This table",
        (PASS, True): "To a small degree, less than counts, this table",
        (TOO_FEW, False): "There are too few patients to know whether this table",
    }
    for kind, opening in openings.items():
        hit = [n for n, f in findings.items() if (f.status, f.leak) == kind and "/leak/" in n]
        sentences += [f"{opening} {MEANING[name.split('/')[-1]]}." for name in hit]
    sentences += _statistics(metrics, findings)
    needed = [f.patients for f in findings.values() if f.patients is not None]
    if needed:
        sentences.append(f"About {max(needed):,} patients, used and held out together, would do.")
    elif any(f.note and f.note.endswith(HINTED) for f in findings.values()):
        sentences.append("So many usually do where there is no leak, so there may be a small one.")
    sentences += _groups(metrics)
    if times_copied:
        sentences.append(
            "Its times and events are those of real patients, unchanged: whoever knows one can "
            "look for its row."
        )
    if not sentences and all(f.status != NOT_TESTED for f in findings.values()):
        sentences.append("No attack gained more on the patients it was made from than on others.")
    return " ".join(sentences)


def _statistics(metrics: Mapping[str, Metric], findings: Mapping[str, Finding]) -> list[str]:
    """What statistics of the table tell, and how much more noise would hide it."""
    kinds = {
        name.split("/")[-2]
        for name, finding in findings.items()
        if name in WORST_CASE and finding.status == FAIL
    }
    if not kinds:
        return []
    sentences = ["Its statistics tell who knows all other patients about one of them."]
    factors = [metrics[TIMES_THE_NOISE[kind]].value for kind in kinds]
    needed = [factor for factor in factors if factor is not None]
    if len(needed) == len(kinds):
        sentences.append(
            f"{max(needed):.1f} times as much noise (method.guard.noise) would hide that; of fewer "
            "columns there is less to hide."
        )
    return sentences


def _groups(metrics: Mapping[str, Metric]) -> list[str]:
    """Leaks among few patients: described, since they are too few to be judged."""
    sentences = []
    whom = ("patients who move the hazard ratios", "patients unlike the others")
    for group, who in zip(GROUPS, whom, strict=True):
        hit = []
        for attack, name in GROUPED.items():
            metric = metrics.get(f"privacy/{name}/{group}")
            null = 0.5 if attack == "membership" else 0.0
            if metric is not None and metric.low is not None and metric.low > null:
                hit.append(attack.replace("_", " "))
        if hit:
            sentences.append(f"Among the {who} a leak shows in {', '.join(hit)} (not judged).")
    return sentences
