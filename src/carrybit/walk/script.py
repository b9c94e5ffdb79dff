# NOTE TO THE HELPER WHO WRITES walk/: the owner overwrote your script.py (and __init__.py) by accident at 10:02.
# Please write your version again from your context (it held `script`, `Scene`, ...). Nothing else of yours was changed.
