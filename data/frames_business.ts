/**
 * Business events.
 *
 * @module
 */
import type { Frame } from "./frame.ts";

const ON_DAY = "^on {day}";

/** Business events. */
export const BUSINESS: readonly Frame[] = [
  {
    name: "takeover",
    details: { a: "company", b: "company", money: "money", day: "day" },
    source: "the companies",
    templates: [
      {
        clauses: [
          "{a} <bought|acquired|took over> {b}",
          "{b} was <bought|acquired|taken over> by {a}",
          "{a} <announced|completed> <a takeover|the purchase|an acquisition> of {b}",
          "{b} was sold to {a}",
        ],
        extras: { money: "<for|in a deal worth> {money}", day: ON_DAY },
      },
      {
        clauses: [
          "{a} did not <buy|acquire|take over> {b}",
          "{b} was not <bought|acquired|taken over> by {a}",
          "{a} <dropped|gave up|called off> <a takeover|the purchase|an acquisition> of {b}",
          "{b} was not sold to {a}",
        ],
        extras: { day: ON_DAY },
      },
    ],
  },
  {
    name: "lawsuit",
    details: {
      a: "company",
      b: "company",
      reason: "reason",
      city: "city",
      day: "day",
    },
    source: "lawyers",
    templates: [
      {
        clauses: [
          "{a} <sued|filed suit against|took legal action against> {b}",
          "{b} was <sued|taken to court> by {a}",
          "{a} <filed|brought> a <lawsuit|case> against {b}",
          "{b} was <hit with|served with> a lawsuit by {a}",
        ],
        extras: {
          reason: "over {reason}",
          city: "^in {city}",
          day: ON_DAY,
        },
      },
      {
        clauses: [
          "{a} <dropped|withdrew|gave up> its <lawsuit|case> against {b}",
          "<the lawsuit|the case> against {b} was <dropped|withdrawn> by {a}",
          "{a} <ended|called off> its legal action against {b}",
        ],
        extras: {
          reason: "over {reason}",
          city: "in {city}",
          day: ON_DAY,
        },
      },
    ],
  },
  {
    name: "supply",
    details: {
      a: "company",
      b: "company",
      goods: "goods",
      money: "money",
      month: "month",
    },
    source: "the companies",
    templates: [
      {
        clauses: [
          "{a} <will supply|agreed to supply|will sell> {goods} to {b}",
          "{b} <will buy|agreed to buy|ordered> {goods} from {a}",
          "{a} won <a contract|an order> to <supply|provide> {b} with {goods}",
          "{b} <chose|hired> {a} to <supply|provide> it with {goods}",
        ],
        extras: {
          money: "<for|in a deal worth> {money}",
          month: "<from|starting in> {month}",
        },
      },
      {
        clauses: [
          "{a} will <stop supplying|no longer supply|no longer sell> {goods} to {b}",
          "{b} will <stop buying|no longer buy> {goods} from {a}",
          "{b} <ended|cancelled> its <contract|order> with {a} for {goods}",
        ],
        extras: { month: "<from|starting in> {month}" },
      },
    ],
  },
  {
    name: "loan",
    details: {
      a: "company",
      b: "company",
      money: "money",
      city: "city",
      day: "day",
    },
    source: "people close to the talks",
    templates: [
      {
        clauses: [
          "{a} <lent|loaned|agreed to lend> {money} to {b}",
          "{b} <borrowed|agreed to borrow> {money} from {a}",
          "{a} <gave|granted|approved> {b} a loan of {money}",
          "{b} <received|took out|got> a loan of {money} from {a}",
        ],
        extras: { city: "in {city}", day: ON_DAY },
      },
      {
        clauses: [
          "{a} <refused|denied> {b} a loan of {money}",
          "{a} <refused to lend|did not lend> {money} to {b}",
          "{b} <failed to get|did not get> a loan of {money} from {a}",
        ],
        extras: { city: "in {city}", day: ON_DAY },
      },
    ],
  },
  {
    name: "profit",
    details: { c: "company", percent: "percent", quarter: "quarter" },
    source: "the company",
    templates: [
      {
        clauses: [
          "<profit|net income> at {c} <rose|climbed|increased|grew> {percent}",
          "{c} <posted|reported|announced> a {percent} <rise|gain|increase> in <profit|net income>",
          "{c} saw its <profit|net income> <rise|grow|increase> by {percent}",
          "{c} earned {percent} more",
        ],
        extras: { quarter: "^in the {quarter} quarter" },
      },
      {
        clauses: [
          "<profit|net income> at {c} <fell|dropped|decreased|declined> {percent}",
          "{c} <posted|reported|announced> a {percent} <fall|drop|decrease> in <profit|net income>",
          "{c} saw its <profit|net income> <fall|drop|decline> by {percent}",
          "{c} earned {percent} less",
        ],
        extras: { quarter: "^in the {quarter} quarter" },
      },
    ],
  },
  {
    name: "shares",
    details: {
      c: "company",
      percent: "percent",
      city: "city",
      day: "day",
    },
    source: "traders",
    templates: [
      {
        clauses: [
          "shares of {c} <rose|jumped|climbed|gained> {percent}",
          "{c} <shares|stock> <rose|jumped|gained> {percent}",
          "{c} saw its <shares|stock> <climb|rise> by {percent}",
          "the share price of {c} <went up|increased> by {percent}",
        ],
        extras: { city: "in {city} trading", day: ON_DAY },
      },
      {
        clauses: [
          "shares of {c} <fell|dropped|slid|lost> {percent}",
          "{c} <shares|stock> <fell|dropped|lost> {percent}",
          "{c} saw its <shares|stock> <slide|fall> by {percent}",
          "the share price of {c} <went down|decreased> by {percent}",
        ],
        extras: { city: "in {city} trading", day: ON_DAY },
      },
    ],
  },
  {
    name: "jobs",
    details: {
      c: "company",
      count: "count",
      city: "city",
      month: "month",
    },
    source: "the company",
    templates: [
      {
        clauses: [
          "{c} <will cut|is cutting|plans to cut> {count} jobs",
          "{c} <will lay off|is laying off|will dismiss> {count} <workers|employees>",
          "{count} <workers|employees> at {c} will <lose their jobs|be laid off>",
          "{c} will reduce its staff by {count} <workers|employees>",
        ],
        extras: { city: "in {city}", month: "^in {month}" },
      },
      {
        clauses: [
          "{c} <will add|is adding|plans to create> {count} jobs",
          "{c} <will hire|is hiring|will take on> {count} <workers|employees>",
          "{count} <workers|employees> will be <hired|taken on> by {c}",
          "{c} will increase its staff by {count} <workers|employees>",
        ],
        extras: { city: "in {city}", month: "^in {month}" },
      },
    ],
  },
  {
    name: "post",
    details: {
      a: "person",
      b: "person",
      c: "company",
      post: "post",
      day: "day",
    },
    source: "the company",
    templates: [
      {
        clauses: [
          "{c} <named|appointed> {a} as {post} to <replace|succeed> {b}",
          "{a} <replaced|succeeded|took over from> {b} as {post} of {c}",
          "{b} was <replaced|succeeded> by {a} as {post} of {c}",
          "{b} <handed over to|made way for> {a} as {post} of {c}",
        ],
        extras: { day: ON_DAY },
      },
      {
        clauses: [
          "{c} did not <name|appoint> {a} as {post} to <replace|succeed> {b}",
          "{a} did not <replace|succeed|take over from> {b} as {post} of {c}",
          "{b} was not <replaced|succeeded> by {a} as {post} of {c}",
        ],
        extras: { day: ON_DAY },
      },
    ],
  },
];
