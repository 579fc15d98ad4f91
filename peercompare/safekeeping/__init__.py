"""Safe keeping: changes of a folder all or nothing, the audit log, and encryption at rest."""
