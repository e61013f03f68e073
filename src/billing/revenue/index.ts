// The face of the numbers a practice lives by.
export { drawRevenue } from './draw.ts'
export { revenueOf, type Revenue, type RevenueAsked } from './revenue.ts'
export { AMOUNTS as REVENUE_AMOUNTS, type Figures } from './figures.ts'
export { GROUPS as REVENUE_GROUPS, type Group as RevenueGroup, type Row as RevenueRow } from './tally.ts'
