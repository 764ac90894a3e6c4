"""What the service does, without HTTP: accounts, drafts, uploads, submissions, each sealed before it is stored."""
