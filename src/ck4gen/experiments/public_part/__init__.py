"""What goes out with a synthetic table: public facts alone, for people and for catalogues."""
