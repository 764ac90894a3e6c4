"""Paper: tagged PDF documents.

Importing it costs fpdf2 and fontTools, so nothing imports it until a PDF is made.
"""
