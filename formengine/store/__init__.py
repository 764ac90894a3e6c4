"""The store: where the service keeps accounts, drafts, files and submissions, and the protocol it is asked by."""
