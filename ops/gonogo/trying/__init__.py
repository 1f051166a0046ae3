"""What a trial of migrations means: read, held against the budgets, set against what rules said, written down. Pure.

May not talk to anything outside, and may not know how a trial is held.
"""

from gonogo.trying.clearing import CLEARABLE, cleared
from gonogo.trying.judging import REFERENCES, judge, judge_whole, lost_words, not_held
from gonogo.trying.measures import Wait, compared, held, waits
from gonogo.trying.telling import beside, beside_in_all, elder, evidence, seconds, size, stair, told, who_waits
from gonogo.trying.writing import compared_from_json, compared_to_json, to_json

__all__ = [
    "CLEARABLE",
    "REFERENCES",
    "Wait",
    "beside",
    "beside_in_all",
    "cleared",
    "compared",
    "compared_from_json",
    "compared_to_json",
    "elder",
    "evidence",
    "held",
    "judge",
    "judge_whole",
    "lost_words",
    "not_held",
    "seconds",
    "size",
    "stair",
    "to_json",
    "told",
    "waits",
    "who_waits",
]
