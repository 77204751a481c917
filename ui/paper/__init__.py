"""Tables and charts of the app for a paper: as CSV, LaTeX and SVG."""
