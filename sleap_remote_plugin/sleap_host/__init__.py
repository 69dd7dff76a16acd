"""The only room that knows SLEAP: one file for each generation of it.

`attach` gives SLEAP's window our menu and dock, and holds the only version test.
`legacy` and `current` say what differs; `base` and the rooms beside it, what does
not. SLEAP itself is imported inside functions: by then it runs already.
"""
