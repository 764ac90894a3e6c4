"""What follows from answers: the compiled form, its schema, its state, actions on drafts, and analysis."""
