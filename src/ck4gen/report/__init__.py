"""Tables, figures and a web page from finished runs."""
