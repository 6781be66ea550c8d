"""The sample house of the demo data: who lives there, what is measured, and what is posted of it.

An all-electric house with solar panels, in the north-east of the United States.
"""
