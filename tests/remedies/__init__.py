"""Every remedy that is offered ends its finding when it is made, and brings no other."""
