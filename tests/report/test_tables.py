import io
import sys

from sweeper.report.tables import print_line, print_table


def test_unbroken_and_plain_where_it_is_no_terminal(capsys, monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "20")
    long = "a name that is much longer than any terminal is wide" * 3
    print_table(("name", "figure"), [(long, "1"), ("b [red]x[/red]", "12")], numbers=("figure",))
    print_line("[bold] stays, 3 too")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split("  ")[0] == long
    assert lines[1].endswith(" 1")
    assert lines[2].endswith("12")
    assert "b [red]x[/red]" in lines[2]
    assert lines[3] == "[bold] stays, 3 too"
    assert "\x1b" not in "".join(lines)


def test_no_line_for_a_blank_header(capsys):
    print_table(("", ""), [("name", "digits"), ("note", "longer than digits")])
    assert capsys.readouterr().out == "name  digits\nnote  longer than digits\n"
    print_table(("measure", ""), [("accuracy", "1")])
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_bold_header_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", screen)
    print_table(("name",), [("a",)])
    assert "\x1b[1m" in screen.getvalue()
