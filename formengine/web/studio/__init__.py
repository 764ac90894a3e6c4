"""The studio in the browser: forms are changed as text, checked, previewed, published and rolled back."""
