"""The real analysis: Cox models, the teacher, Kaplan-Meier curves. Nothing here imports torch."""
