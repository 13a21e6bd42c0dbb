# Repeats a part of the re-analyses in R's survival; benchmarks/reanalysis_in_r.py calls it.
#
#     Rscript benchmarks/reanalysis.R FOLDER
#
# FOLDER holds design.csv (standardised terms, duration, event), groups.csv (0/1 by group) and
# points.csv (kind, value: the cuts). It gets r.csv: line, name, estimate, standard_error.
suppressPackageStartupMessages({library(survival); library(splines)})
folder <- commandArgs(TRUE)[1]
rows <- read.csv(file.path(folder, "design.csv"), check.names = FALSE)
groups <- read.csv(file.path(folder, "groups.csv"), check.names = FALSE)
points <- read.csv(file.path(folder, "points.csv"))
terms <- setdiff(names(rows), c("duration", "event"))
outcome <- Surv(rows$duration, rows$event)
x <- as.matrix(rows[terms])
found <- list()

keep <- function(line, name, estimate, standard_error) {
  found[[length(found) + 1]] <<- data.frame(line, name, estimate, standard_error)
}
of_fit <- function(line, prefix, fit, which = seq_along(coef(fit)), names = terms) {
  keep(line, paste0(prefix, ": ", names), coef(fit)[which], sqrt(diag(vcov(fit)))[which])
}
value <- function(kind) points$value[points$kind == kind]

for (term in terms) {
  others <- setdiff(terms, term)
  if (all(x[, term] %in% c(0, 1))) {
    fit <- coxph(outcome ~ x[, others] + strata(x[, term]), ties = "efron")
    of_fit("cox_stratified", term, fit, names = others)
  } else {
    place <- length(terms) + 1
    fit <- coxph(outcome ~ x + I(x[, term]^2), ties = "efron")
    of_fit("quadratic", term, fit, place, "square")
    low <- as.numeric(x[, term] <= quantile(x[, term], value("tail")))
    high <- as.numeric(x[, term] >= quantile(x[, term], 1 - value("tail")))
    fit <- coxph(outcome ~ x + low + high, ties = "efron")
    of_fit("tails", term, fit, place + 0:1, c("low end", "high end"))
    # another basis of the same splines: only the likelihood is comparable
    fit <- coxph(outcome ~ x[, others] + ns(x[, term], df = value("spline_df")), ties = "efron")
    keep("spline likelihood", term, fit$loglik[2], 1)
  }
  of_fit("cox_dropped", term, coxph(outcome ~ x[, others], ties = "efron"), names = others)
}
positive <- pmax(rows$duration, min(rows$duration[rows$duration > 0]) / 2)
fit <- survreg(Surv(positive, rows$event) ~ x, dist = "weibull")
errors <- sqrt(diag(vcov(fit)))
keep("weibull", paste0("lambda_: ", terms), coef(fit)[-1], errors[seq_along(terms) + 1])
keep("weibull", "lambda_: Intercept", coef(fit)[1], errors[1])
keep("weibull", "rho_: Intercept", -log(fit$scale), errors[length(errors)])
fit <- coxph(Surv(rows$duration, 1 - rows$event) ~ x, ties = "efron")
keep("censoring_model", terms, coef(fit), sqrt(diag(vcov(fit))))
horizon <- value("horizon")
happened <- rows$event == 1 & rows$duration <= horizon
known <- happened | rows$duration > horizon
fit <- glm(happened[known] ~ x[known, ], family = binomial, control = list(epsilon = 1e-12))
keep("logistic", c("intercept", terms), coef(fit), sqrt(diag(vcov(fit))))
for (group in names(groups)) {
  inside <- groups[[group]] == 1
  curve <- survfit(outcome[inside] ~ 1)
  at <- summary(curve, times = value("time"), extend = TRUE)
  keep("group_curves", paste0(group, " at ", seq_along(value("time"))), at$surv, at$std.err)
  mean <- summary(curve, rmean = value("follow_up"))$table
  keep("group_means", group, mean["rmean"], mean["se(rmean)"])
}
write.csv(do.call(rbind, found), file.path(folder, "r.csv"), row.names = FALSE)
