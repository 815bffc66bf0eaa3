"""next_step_planner: what to do next, why, and what to ask for."""
