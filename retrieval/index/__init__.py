"""From counted terms to postings on disk, and from a query to scored sentences."""
