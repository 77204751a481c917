"""Components of the Data page: previews of files, the choice of columns, and the list of imports."""
