"""The real Apache httpd with the files that budgetcheck reads, against its numbers."""
