"""The blank form on paper: as PDF to print, as PDF to type into, and as a Word document."""
