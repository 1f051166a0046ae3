"""Stand-ins for the providers that a service asks: xAI, Todoist and Telegram.

Small HTTP servers on loopback that keep everything in memory. What they say on the wire is what the providers say;
what no provider has is below `/__standin__/`. How they are used: docs/providers.md.
"""
