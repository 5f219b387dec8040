"""What the documents name is there."""

import re
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]


def test_every_test_that_the_concepts_name_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (BASE / "docs" / "concepts.md").read_text())
    assert len(named) >= 20
    assert [pair for pair in named if f"def {pair[1]}(" not in (BASE / pair[0]).read_text() and pair[1]] == []
    assert [path for path, _ in named if not (BASE / path).is_file()] == []


def test_every_document_that_a_document_links_to_exists():
    documents = [BASE / "README.md", *BASE.glob("docs/*.md"), *BASE.glob("docs/adr/*.md")]
    links = [(document, target) for document in documents for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text())]
    assert [(document.name, target) for document, target in links if not (document.parent / target).exists()] == []
