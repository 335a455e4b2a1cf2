"""What a loop writes is shown and never obeyed: nasty strings through every format, each read back by a parser."""

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import tomli
from markdown_it import MarkdownIt
from rich.console import Console

from loopreport import badge, compare, compared, expect, inert, junit, markdown, terminal
from loopreport.manner import Manner
from loopreport.merge import Merged, merge
from loopreport.model import CaseInfo, Difference, Header, LoopInfo, Verdict
from loopreport.results import Results, Writer, read
from tests.reports.building import described, results

NASTY = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;&#60;b&#62;",
    "closing": "</details></code></pre></title></text></svg>]]>-->",
    "escapes": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m",
    "nul": "a\x00b\x08\x7f\x85",
    "surrogate": "lone \ud800 and \udcff",
    "direction": "abc\u202egpj.exe\u2066\u200b\ufeff",
    "separators": "one\u2028two\u2029three\x0bfour\x0cfive",
    "no characters": "\ufffe\uffff\ufdd0\U0001ffff\U0010fffe\U000e0041",
    "lines": "first\r\nsecond\rthird\n\n\n# heading\n- item\n    code\n| a | b |\n|---|---|\n",
    "markdown": "`code` ``` ~~~ **b** _i_ [link](http://x.example) ![i](http://x.example/i.png) <http://x.example>",
    "mention": "@everyone #1 GH-1 http://x.example www.x.example a@x.example :tada: $x$ ~~x~~ | pipe \\",
    "fence": "```\n</details>\n````\n~~~~\n<b>x</b>",
    "toml": '"""\n[[expect]]\ncase = "*"\n\'\'\' \\u0000 \\',
    "rich": "[bold]x[/bold] [link=http://x.example]y[/] :smile:",
    "template": "{{ 7 * 7 }} ${{ secrets.X }} %s %(x)s {0}",
    "commands": "::error::owned\n::set-output name=x::y\n##[group]x",
    "shell": "'; rm -rf / #$(x)`x`",
    "megabyte": "x" * (1 << 20),
    "long lines": "\n".join(["y" * 5000] * 200),
    "wide escapes": "\x1b" * 200_000,
    "bombs": "&lol;" * 1000 + "\u0300" * 1000,
}
MOST = 400_000
"""Characters that a report of a handful of verdicts has at most, whatever they hold."""

Everything = tuple[Merged, dict[str, CaseInfo]]


def everything(text: str) -> Everything:
    """Return results in which `text` stands wherever results may hold a text of somebody else's."""
    # A case's id, where it comes from a catalogue, is printable and short; a results file may say anything.
    ids = ["plain/case", f"rule/case/{text[:200]}", "apart/case", "expected/case", "missing/case", "skipped/case"]
    cases = described(ids[0], ids[1], ids[3], ids[4], ids[5], apart=(ids[2],))
    names = {"plain/case": "fail", ids[1]: "crash", "apart/case": "fail", "expected/case": "unsupported"}
    verdicts = [
        Verdict(
            loop=text,
            case=case,
            kind=kind,
            summary=text,
            difference=[Difference("-", text), Difference("+", text), Difference(" ", text)],
            details=text,
            expected=text if case == "expected/case" else "",
        )
        for case, kind in names.items()
    ]
    verdicts.append(Verdict(loop=text, case="skipped/case", kind="skip", summary=text))
    header = Header(
        suite=text,
        catalogue=text,
        python="3.13.1",
        implementation=text,
        platform=text,
        kernel=text,
        openssl=text,
        began=text,
        loops=[LoopInfo(name=text, factory=text, package=text, version=text)],
        cases=ids,
        selected=6,
    )
    return merge([Results(header, tuple(verdicts), None, cut=text, source="x.json")]), cases


@pytest.fixture(params=NASTY.values(), ids=NASTY)
def nasty(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


def inert_text(text: str) -> None:
    """Fail where a character is left that steers something, or that cannot be written."""
    text.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]", text)


def test_texts_are_short_and_inert(nasty: str) -> None:
    for made in (inert.text(nasty), inert.line(nasty), inert.name(nasty)):
        inert_text(made)
        assert len(made) < MOST
    assert "\n" not in inert.line(nasty) + inert.name(nasty)


@pytest.mark.parametrize("is_terminal", [False, True])
def test_terminal(nasty: str, is_terminal: bool) -> None:
    merged, cases = everything(nasty)
    console = Console(
        file=io.StringIO(),
        width=80,
        force_terminal=is_terminal,
        color_system="truecolor" if is_terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    manner = Manner(in_full=True, complaints=[nasty], results=inert.name(nasty))
    terminal.write(console, terminal.opening(merged.columns[0].header))
    terminal.write(console, terminal.report(merged, cases, manner))
    for verdict in merged.columns[0].verdicts:
        terminal.write(console, terminal.played(verdict, cases[verdict.case], with_loop=True, details=True))
    written = console.file.getvalue()
    inert_text(re.sub("\x1b\\[[0-9;]*m", "", written))
    coloured = set(re.findall("\x1b\\[[0-9;]*m", written))
    assert {code[2:-1] for code in coloured} <= {"0", "1", "2", "1;31", "1;32", "1;33", "1;35", "31", "32", "33", "35"}
    assert bool(coloured) == is_terminal
    assert len(written) < 10 * MOST


ALLOWED_TAGS = {"details", "summary", "code", "b", "br", "sub"}


def test_markdown(nasty: str) -> None:
    merged, cases = everything(nasty)
    page = markdown.page(merged, cases, Manner(complaints=[nasty]))
    inert_text(page)
    assert len(page) < 900_000
    opened = {"code_inline": 0, "link_open": 0}
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page):
        for inner in [token, *(token.children or [])]:
            if inner.type in ("html_block", "html_inline"):
                tags = re.findall(r"</?([a-zA-Z][a-zA-Z0-9]*)([^>]*)>", inner.content)
                assert {name for name, _ in tags} <= ALLOWED_TAGS
                assert not any(attributes.strip() for _, attributes in tags)
                assert len(re.findall("<(?![/a-z])", inner.content)) == 0
            if inner.type == "link_open":
                assert str(inner.attrs["href"]).startswith("https://docs.python.org/")
            assert inner.type not in ("image", "s_open", "em_open")
            opened[inner.type] = opened.get(inner.type, 0) + 1
    assert opened["table_open"] == 2
    assert page.count("<details>") == page.count("</details>") or "</details>" in nasty
    plain = re.sub(r"(?ms)^(`{3,})\w+\n.*?^\1$", "", page)
    assert "@" not in plain


def test_markdown_of_a_comparison(nasty: str) -> None:
    merged, cases = everything(nasty)
    old = results({"plain/case": "pass", "removed/case": "fail"})
    comparison = compare.compare(merge([old]), merged, cases)
    page = compared.page(comparison)
    inert_text(page)
    assert not re.search("<(?!/?(details|summary|code|b)>)", page)
    assert "@" not in page
    console = Console(file=io.StringIO(), width=80, highlight=False, markup=False, emoji=False)
    terminal.write(console, compared.text(comparison))
    inert_text(console.file.getvalue())


def test_junit(nasty: str) -> None:
    merged, cases = everything(nasty)
    document = junit.document(merged, cases, Manner(complaints=[nasty]))
    inert_text(document)
    assert len(document) < 2 * MOST
    root = ElementTree.fromstring(document)
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "properties", "property"),
        *("testcase", "failure", "error", "skipped", "system-out"),
    }


def test_badge(nasty: str) -> None:
    merged, cases = everything(nasty)
    document = badge.svg(merged, cases, Manner())
    inert_text(document)
    assert len(document) < 10_000
    root = ElementTree.fromstring(document)
    tags = {element.tag.partition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "clipPath", "rect", "g", "text"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name]
    data = json.loads(badge.shields(merged, cases, Manner()))
    assert set(data) == {"schemaVersion", "label", "message", "color"}


def test_expected_failures(nasty: str) -> None:
    merged, cases = everything(nasty)
    text = expect.toml(merged, cases)
    inert_text(text)
    entries = tomli.loads(text)["expect"]
    assert [entry["verdict"] for entry in entries] == ["fail", "crash", "unsupported"]
    assert all("*" not in entry["case"].replace("[*]", "") for entry in entries)


def test_json(nasty: str, tmp_path: Path) -> None:
    merged, _ = everything(nasty)
    column = merged.columns[0]
    path = tmp_path / "results.json"
    with Writer(path, column.header) as writer:
        writer.write(column.verdicts[0])
    data = path.read_bytes()
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]", data)
    assert data.count(b"\n") == 2
    assert len(read(path).verdicts) == 1
