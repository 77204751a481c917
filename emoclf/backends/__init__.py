"""Backends compute the network with torch or TensorFlow: their protocol, and the code that they share."""
