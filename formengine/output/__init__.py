"""What comes out of a state: HTML pages, plain text, e-mails and paper."""
