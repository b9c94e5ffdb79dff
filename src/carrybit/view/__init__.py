"""The view: a trace as a page that can be stepped through, in plain ES modules that take a trace and nothing else.

``view.js`` is the door of the modules: ``show(element, payload)``. A file, a live page and a notebook share it.
"""
