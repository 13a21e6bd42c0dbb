"""Models trained on real and synthetic rows together: does adding synthetic rows help?"""
