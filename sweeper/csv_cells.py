"""Texts of others in CSV files: class names, file names."""

#: What spreadsheets read as the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> object:
    """Return a value for a CSV file; a text that a spreadsheet would run gets an apostrophe before.

    So a class named ``=HYPERLINK(…)`` stays a name (OWASP, CSV injection). Numbers are left alone,
    written as texts, too.
    """
    if not isinstance(value, str) or not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
