"""Claims: a statement, its source, a rule over records, and the verdict that the rule gives."""
