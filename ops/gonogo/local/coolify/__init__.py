"""A stand-in for Coolify: its HTTP API, and real processes behind it.

What it says on the wire follows docs/coolify.md; its containers are processes that run from a commit's checkout.
"""
