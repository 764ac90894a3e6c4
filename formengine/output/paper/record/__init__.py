"""The record: the PDF of the answers, which carries its data."""
