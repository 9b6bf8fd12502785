export const specials = []
