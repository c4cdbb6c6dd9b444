"""One comment on a pull or merge request, kept up to date; the only part that opens a connection.

`plan` decides, without any host, what has to be done; `github` and `gitlab` do it through the client library
of the host; `patience` gives the whole of it one deadline.
"""
