def drawn(page):
    return f"<svg>{page}</svg>"
