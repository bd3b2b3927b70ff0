"""The report of a check, an import or a verification, and the page that shows it."""
