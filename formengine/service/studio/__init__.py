"""The studio: texts of forms are changed, checked, published and rolled back while the service runs."""
