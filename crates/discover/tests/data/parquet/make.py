"""Writes the Parquet files beside it. Python 3.11 or newer, pyarrow 26.0.1: python3 make.py"""
import decimal
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def resident_id(n):
    body = f"110105{1960 + n % 40}{1 + n % 12:02}{1 + n % 28:02}{n % 1000:03}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS)) % 11]


def table(rows):
    n = range(rows)
    return pa.table({
        "id": pa.array(n, pa.int64()),
        "xm": pa.array([f"员工{i % 7}" for i in n]),
        "sfzh": pa.array([None if i % 5 == 4 else resident_id(i) for i in n]),
        "phone": pa.array([13900000000 + i * 1237891 for i in n], pa.int64()),
        "remark": pa.array([f"见员工 {resident_id(990)} 的记录" if i == 31 else f"批次 {i % 3} 合格" for i in n]),
        "tags": pa.array([None if i % 4 == 3 else [] if i % 4 == 2 else [f"tag {i}", resident_id(980) if i == 40 else "x"] for i in n],
                         pa.list_(pa.string())),
        "owner": pa.array([{"contact": {"mobile": f"+86 {13800000001 + i * 1654321}"}} for i in n]),
        "手机号": pa.array([f"{(i + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2 ** 128:032x}" for i in n]),
        "amount": pa.array([decimal.Decimal(13700000000 + i * 876543) for i in n], pa.decimal128(20, 0)),
        "share": pa.array([i / 7 for i in n], pa.float64()),
        "key": pa.array([uuid.UUID(int=i).bytes for i in n], pa.uuid()),
        "hired": pa.array([i for i in n], pa.date32()),
        "seen": pa.array([i * 1000 for i in n], pa.timestamp("ms")),
        "blob": pa.array([f"身份证号：{resident_id(970)}".encode("gb18030") if i == 12 else b"\xff\xd8\xff\xe0" for i in n]),
        "csrq": pa.array([3000 + 97 * i for i in n], pa.date32()),
        "birthday": pa.array([(3000 + 97 * i) * 86_400_000_000 + 7 for i in n], pa.timestamp("us")),
        "基本工资": pa.array([6200 + 35 * i for i in n], pa.int32()),
        "ok": pa.array([i % 2 == 0 for i in n]),
    })


def write(name, rows=60, group=25, **how):
    pq.write_table(table(rows), f"{name}.parquet", row_group_size=group, store_schema=False, **how)


write("snappy-1", compression="snappy", data_page_version="1.0")
write("zstd-2", compression="zstd", data_page_version="2.0")
write("brotli-2", compression="brotli", data_page_version="2.0", group=60)
write("lz4-1", compression="lz4", data_page_version="1.0", group=60)
write("none-1", compression="none", use_dictionary=False, write_statistics=False, data_page_version="1.0", group=60)
write("delta-gzip", compression="gzip", use_dictionary=False, data_page_version="2.0", group=60, column_encoding={
    "id": "DELTA_BINARY_PACKED", "phone": "DELTA_BINARY_PACKED", "sfzh": "DELTA_BYTE_ARRAY",
    "remark": "DELTA_LENGTH_BYTE_ARRAY", "share": "BYTE_STREAM_SPLIT", "xm": "DELTA_BYTE_ARRAY"})
pq.write_table(table(0), "empty.parquet", store_schema=False)


def uscc(n):
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"9144030{n % 10}{n:09}"
    return body + alphabet[(31 - sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body)) % 31) % 31]


def enterprises(rows):
    """The same registry as Parquet and, written by Python alone, as CSV."""
    columns = {
        "统一社会信用代码": [uscc(i) for i in range(rows)],
        "企业名称": [f"青山第{i % 7}机械厂" for i in range(rows)],
        "行政区划代码": [[440300, 320100, 110105, 650000][i % 4] for i in range(rows)],
        "行业代码": [["C3451", "B0610", "D4411"][i % 3] for i in range(rows)],
        "营业收入（万元）": [decimal.Decimal(1999_00 + i * 37_13) / 100 for i in range(rows)],
        "规上": [i % 5 != 0 for i in range(rows)],
        "集团代码": [None if i % 3 else uscc(7) for i in range(rows)],
        "标签": [["a", "b"] for i in range(rows)],
    }
    types = [pa.string(), pa.string(), pa.int32(), pa.string(), pa.decimal128(18, 2), pa.bool_(), pa.string(), pa.list_(pa.string())]
    arrays = [pa.array(c, t) for c, t in zip(columns.values(), types)]
    pq.write_table(pa.table(arrays, names=list(columns)), "enterprises.parquet", row_group_size=17, store_schema=False)
    flat = [c for c in columns if c != "标签"]
    with open("enterprises.csv", "w", encoding="utf-8", newline="") as out:
        out.write(",".join(flat) + "\n")
        for i in range(rows):
            cells = [columns[c][i] for c in flat]
            out.write(",".join("" if c is None else {True: "true", False: "false"}.get(c, str(c)) for c in cells) + "\n")


enterprises(60)
