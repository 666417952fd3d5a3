"""Makes the data of the outside proof, from packages of Debian, npm and pip."""
