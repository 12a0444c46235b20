"""What can be wrong with a booking, and what to do about it."""

from domain.problems import kind

ALREADY_OPEN = kind(
    "ledger.already-open",
    409,
    zh="台账 {ledger} 已开设",
    en="the ledger {ledger} is open already",
    do_zh="直接登记即可",
    do_en="book entries in it",
)
NOT_OPEN = kind(
    "ledger.not-open",
    404,
    zh="台账 {ledger} 尚未开设",
    en="the ledger {ledger} is not open",
    do_zh="先开设台账",
    do_en="open the ledger first",
)
YEAR_CLOSED = kind(
    "ledger.year-closed",
    409,
    zh="{year} 已年终结转，不再接受台账分录",
    en="{year} is closed: the ledger takes no more entries",
    do_zh="由财政局凭文件重新开账后再登记",
    do_en="have the finance bureau reopen the year on a document",
)
NOT_POSITIVE = kind(
    "ledger.amount-not-positive",
    422,
    zh="金额须大于零，现为 {amount} 万元",
    en="the amount must be above zero, it is {amount} 万元",
    do_zh="方向由事实的种类表示（追加、追减、冲销），金额写正数",
    do_en="the kind of entry gives the direction; write a positive amount",
)
VOUCHER_USED = kind(
    "ledger.voucher-used",
    409,
    zh="凭证号 {voucher} 已登记",
    en="the voucher {voucher} is booked already",
    do_zh="同一笔支付只登记一次；登记有误的用更正",
    do_en="a payment is booked once; use a correction for a mistake",
)
VOUCHER_UNKNOWN = kind(
    "ledger.voucher-unknown",
    404,
    zh="没有凭证号为 {voucher} 的有效支付",
    en="no live payment has the voucher {voucher}",
    do_zh="核对被冲销的凭证号",
    do_en="check the voucher that is reversed",
)
REVERSAL_EXCEEDS = kind(
    "ledger.reversal-exceeds",
    422,
    zh="冲销 {amount} 万元超过凭证 {voucher} 的余额 {left} 万元",
    en="the reversal of {amount} 万元 exceeds what is left of voucher {voucher}: {left} 万元",
    do_zh="冲销金额不得超过该笔支付未冲销的部分",
    do_en="reverse no more than what is left of the payment",
)
HAS_REVERSAL = kind(
    "ledger.entry-has-reversal",
    409,
    zh="凭证 {voucher} 有有效的冲销，不能作废，也不能改小到冲销额以下或改换凭证号",
    en="voucher {voucher} has a live reversal: it cannot be voided, renamed or made smaller than it",
    do_zh="先更正或作废该冲销",
    do_en="correct or void the reversal first",
)
SUMS_DIFFER = kind(
    "ledger.sums-differ",
    422,
    zh="对账数与登记数不符：{what} 对账 {stated} 万元，登记 {booked} 万元",
    en="the reconciled total differs from the books: {what} stated {stated} 万元, booked {booked} 万元",
    do_zh="补登或更正分录后再对账",
    do_en="complete or correct the entries, then reconcile",
)
SAME_LEDGER = kind(
    "ledger.same-ledger",
    422,
    zh="两单位间调剂的调出、调入台账相同：{ledger}",
    en="a virement between units names the same ledger twice: {ledger}",
    do_zh="单位内部调剂请登记一笔调剂分录",
    do_en="book a virement entry inside the one ledger",
)
TRANSFER_USED = kind(
    "ledger.transfer-used",
    409,
    zh="调剂号 {transfer} 已使用",
    en="the transfer id {transfer} is used already",
    do_zh="每笔调剂用一个新的调剂号",
    do_en="use a new transfer id for each virement",
)
ONE_SIDED = kind(
    "ledger.one-sided-virement",
    422,
    zh="台账内的调剂须写明调出行和调入行，不带调剂号和对方台账",
    en="a virement inside a ledger names the line it leaves and the line it enters, and neither a "
    "transfer nor a counterpart",
    do_zh="补齐 from_line 与 to_line；两单位之间的调剂用专门的命令",
    do_en="give from_line and to_line; use the command for virements between units otherwise",
)
OTHER_SIDES = kind(
    "ledger.other-sides",
    422,
    zh="更正调剂不能改变调出、调入的方向",
    en="the correction of a virement keeps its direction",
    do_zh="方向记反的，作废后重新登记",
    do_en="void it and book it anew if the direction is wrong",
)
OTHER_YEARS = kind(
    "ledger.other-years",
    422,
    zh="调剂只能在同一年度的台账之间",
    en="a virement is between ledgers of one year",
    do_zh="跨年度的用上年结转",
    do_en="carry funds into the next year instead",
)
