"""Cases: what becomes of a submission, as its process declares."""
