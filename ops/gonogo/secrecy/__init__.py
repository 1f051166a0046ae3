"""What can be said of secrets without looking anywhere: pure, and nothing in here prints or keeps a value.

`shapes` says what is wrong with a value, `marks` whether two values are the same, `policy` reads what the project asks
for, `inventory` puts together who holds what, `patterns` finds what looks like a secret in a text, `sheets` finds both
those and the values in use in many texts at once.
"""
