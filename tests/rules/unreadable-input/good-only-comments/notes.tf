# moved to another repository
