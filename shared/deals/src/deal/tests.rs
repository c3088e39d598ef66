mod course;
mod every;
mod signing;
mod walk;
