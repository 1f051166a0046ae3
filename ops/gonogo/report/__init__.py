"""What came of a release, in the forms that people and programs read: record, page, text, lines.

May not print, may not read the world: everything is made from the journal's entries and the traffic.
"""

from gonogo.report.build import render
from gonogo.report.rehearsal import document as rehearsal_document
from gonogo.report.rehearsal import page as rehearsal_page
from gonogo.report.sheet import page
from gonogo.report.summary import document, text

__all__ = ["document", "page", "rehearsal_document", "rehearsal_page", "render", "text"]
