"""The way through a form, from its start page to the receipt."""
