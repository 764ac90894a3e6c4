"""What follows from answers: the compiled form, its schema, its state, what a post does, what can be said of it."""
