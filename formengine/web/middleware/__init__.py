"""What stands around every request: errors and the log, posts from elsewhere, too many large posts."""
