"""The watch at the end sees enough to say anything."""

from gonogo import evidence
from gonogo.model import Config, Facts, Finding, Severity

_RULE = "bake-can-conclude"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block limits with which every release would be undone for want of evidence."""
    del facts
    target, limits = config.target, config.target.limits
    probes = int(limits.bake_s * limits.bake_rate)
    most = int(limits.bake_extend_s * limits.bake_rate * evidence.HURRY) + probes
    if probes >= limits.bake_min_requests:
        message = f"the bake sends about {probes} probes in {limits.bake_s:g} s, and wants {limits.bake_min_requests}"
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    hint = f"raise limits.bake_s or limits.bake_rate of [environments.{target.name}], or lower limits.bake_min_requests"
    if most >= limits.bake_min_requests or target.accept_thin_bake:
        message = (
            f"the bake sends {probes} probes in {limits.bake_s:g} s and wants {limits.bake_min_requests}: it would be "
            f"extended, by {limits.bake_extend_s:g} s at most"
        )
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    message = (
        f"the bake could send {most} probes, its extension included, and wants {limits.bake_min_requests}: the release "
        "would be undone for want of evidence, however good it is"
    )
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
