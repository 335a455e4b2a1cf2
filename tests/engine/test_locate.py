from loopspec.locate import locate

TEXT = """\
chapter = "A chapter"

[[rule]]
id = "first"
says = '''
id = "not a key: inside a string"
'''

[[rule.case]]
id = "a"
run = '''
run = 1
[[rule]]
'''
log = [
    "x",
]

[[rule.case]]
id = "b"

[[rule]]
id = "second"
about = \"\"\"one line\"\"\"
"""


def test_headers_and_keys_are_found_by_their_lines():
    places = locate(TEXT)
    assert places.chapter.keys == {"chapter": 1}
    (first, cases), (second, none) = places.rules
    assert (first.line, first.keys) == (3, {"id": 4, "says": 5})
    assert [(case.line, case.keys) for case in cases] == [(9, {"id": 10, "run": 11, "log": 15}), (19, {"id": 20})]
    assert (second.line, second.keys, none) == (22, {"id": 23, "about": 24}, [])


def test_a_missing_key_is_placed_at_its_table():
    assert locate(TEXT).rules[0][0].line_of("level") == 3
