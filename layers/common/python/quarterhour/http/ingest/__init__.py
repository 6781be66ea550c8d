"""What is posted: a body in, what is to be stored out."""
