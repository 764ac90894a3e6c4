"""Tagged PDF: blocks set as lines on pages, each in its structure element (PDF/UA-1, PDF/A-3A)."""
